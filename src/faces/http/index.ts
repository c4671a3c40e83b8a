export { createHttpFace, type HttpFace, type Peer, type Route } from './http-face.ts';
export { openToken } from './token.ts';
