/** The engine. Bundlers give its address, or its bytes, as they are told to handle `.wasm`: both are what `init` takes. */
declare const wasm: string | Uint8Array<ArrayBuffer>;
export default wasm;
