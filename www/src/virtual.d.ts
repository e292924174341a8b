/** Made by the build: the address of the example worlds. */
declare module 'virtual:gallery' {
  const url: string;
  export default url;
}
