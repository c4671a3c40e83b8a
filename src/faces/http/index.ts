export { createHttpFace, type HttpFace, type HttpFaceOptions, type Peer, type Route } from './http-face.ts';
export { openToken } from './token.ts';
