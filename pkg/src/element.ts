/** Importing this module defines `<mesh-scope>`. */
export { MeshScope } from './element/scope.js';
export { Session, toMode, VIEWS, type File, type Status, type Vantage, type View } from './element/session.js';
export { hitText } from './element/parts.js';
