/** Importing this module defines `<mesh-scope>`. */
export { MeshScope } from './element/scope.js';
export { headersText, readHeaders } from './element/format.js';
export {
  fileText,
  Session,
  toMode,
  VIEWS,
  type Decisions,
  type File,
  type Probe,
  type Status,
  type Vantage,
  type View,
} from './element/session.js';
export { hitText } from './element/parts.js';
export { countHidden, visible, visibleText } from './element/visible.js';
export { importedWorker, useWorker } from './client.js';
export type * from './types.js';
