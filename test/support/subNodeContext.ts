import type { ISupplyDataFunctions } from 'n8n-workflow';

/** A call of a sub-node, as the execution's log shows it. */
export interface LoggedCall {
  type: string;
  input: unknown;
  output?: unknown;
}

interface Settings {
  parameters: Record<string, unknown>;
  credential?: Record<string, unknown>;
}

/** What n8n gives a sub-node, and the log that the sub-node writes. */
export function subNodeContext({ parameters, credential = { apiKey: 'key-123' } }: Settings) {
  const log: LoggedCall[] = [];
  const context = {
    getNode: () => ({ name: 'Sub-Node', type: 'x', parameters: {} }),
    getCredentials: async () => credential,
    getNodeParameter: (name: string, _item: number, fallback: unknown) =>
      parameters[name] ?? fallback,
    getExecutionCancelSignal: () => undefined,
    addInputData: (type: string, input: unknown) => ({ index: log.push({ type, input }) - 1 }),
    addOutputData: (_type: string, index: number, output: unknown) => {
      const call = log[index];
      if (call) call.output = output;
    },
    helpers: {},
  } as unknown as ISupplyDataFunctions;
  return { context, log };
}
