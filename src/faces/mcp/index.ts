export { createMcpRoute, type McpRoute } from './route.ts';
