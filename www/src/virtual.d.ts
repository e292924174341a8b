/** Made by the build: the address of the example worlds. */
declare module 'virtual:gallery' {
  const url: string;
  export default url;
}
/** Made by the build: the pages that explain codes and rules, by their addresses; nothing where they are files of their own. */
declare module 'virtual:book' {
  const pages: Readonly<Record<string, string>> | undefined;
  export default pages;
}
