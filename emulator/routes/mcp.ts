import type { FastifyInstance } from 'fastify';
import { parseJson } from '../http/body';
import { Refusal } from '../http/refusal';
import { isObject } from '../models/model';
import type { EmulatorState } from '../state';
import { shapesOf } from './management';

/** Where it is, below the address of the emulator. */
export const MCP_PATH = '/management/mcp';
/** The version of the protocol that is spoken if the client names none. */
const PROTOCOL = '2025-06-18';
/** Codes of JSON-RPC. */
const NO_METHOD = -32601;
const WRONG_PARAMETERS = -32602;

/** A tool that the server offers. */
interface Tool {
  description: string;
  call(): unknown;
}

/** What all tools have in common: they take nothing, and only read. */
const EVERY_TOOL = {
  inputSchema: { type: 'object', properties: {} },
  annotations: { readOnlyHint: true },
};

/** An error of JSON-RPC. */
class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * An MCP server like Baseten's at `https://api.baseten.co/mcp`, over streamable HTTP without
 * sessions and streams. Baseten doesn't publish the names of its tools, so these are the emulator's
 * own.
 * @see https://modelcontextprotocol.io/specification/2025-06-18/basic/transports
 */
export function addMcpRoute(app: FastifyInstance, state: EmulatorState): void {
  const tools = toolsOf(state);
  app.post(MCP_PATH, (request, reply) => {
    const message = parseJson(request.rawBody ?? Buffer.of());
    const { id, method, params } = isObject(message) ? message : {};
    // What has no ID is a notification, to which there is no answer.
    if (id === undefined) return reply.code(202).send();
    try {
      const result = resultOf(tools, String(method), isObject(params) ? params : {});
      return reply.send({ jsonrpc: '2.0', id, result });
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const { code, message: text } = error;
      return reply.send({ jsonrpc: '2.0', id, error: { code, message: text } });
    }
  });
  app.get(MCP_PATH, () => {
    throw new Refusal(405, 'client_error', 'This server sends no stream of its own.');
  });
}

function toolsOf({ registry }: EmulatorState): Record<string, Tool> {
  const { owner, deployment } = shapesOf('model');
  return {
    list_models: {
      description: 'Lists the models of the workspace.',
      call: () => registry.list('model').map(owner),
    },
    list_deployments: {
      description: 'Lists the deployments of all models.',
      call: () =>
        registry
          .list('model')
          .flatMap((model) => model.deployments.map((each) => deployment(model, each))),
    },
  };
}

function resultOf(
  tools: Record<string, Tool>,
  method: string,
  params: Record<string, unknown>,
): object {
  if (method === 'ping') return {};
  if (method === 'initialize')
    return {
      protocolVersion: params.protocolVersion ?? PROTOCOL,
      capabilities: { tools: {} },
      serverInfo: { name: 'Simulated Baseten', version: '1.0.0' },
    };
  if (method === 'tools/list')
    return {
      tools: Object.entries(tools).map(([name, { description }]) => ({
        name,
        description,
        ...EVERY_TOOL,
      })),
    };
  if (method !== 'tools/call') throw new RpcError(NO_METHOD, `There is no method ${method}.`);
  const tool = Object.hasOwn(tools, String(params.name)) ? tools[String(params.name)] : undefined;
  if (!tool) throw new RpcError(WRONG_PARAMETERS, `There is no tool ${String(params.name)}.`);
  return { content: [{ type: 'text', text: JSON.stringify(tool.call()) }] };
}
