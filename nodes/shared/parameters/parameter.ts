// Decisions: docs/decisions.md, "A parameter without an expression is read once a run".

import type { IExecuteFunctions, IGetNodeParameterOptions, INode } from 'n8n-workflow';

/** What parameters are read with. The contexts of nodes and of sub-nodes have it. */
export type ParameterContext = Pick<IExecuteFunctions, 'getNodeParameter'> &
  Partial<Pick<IExecuteFunctions, 'getNode'>>;

/** What a run has read already. */
interface Read {
  parameters: INode['parameters'] | undefined;
  values: Map<string, { value: unknown; isGiven: boolean; fallback: unknown }>;
}

const readBy = new WeakMap<ParameterContext, Read>();

/**
 * Reads a parameter of the node. If there is no expression in it, it is the same for all items, so
 * n8n is asked for it once a run. Nobody may change what this returns.
 * @param name of the parameter, which is not part of another one
 * @param itemIndex position of the item in the input
 * @param fallback the value if the node does not have the parameter
 * @param options of n8n's `getNodeParameter`
 */
export function readParameter(
  context: ParameterContext,
  name: string,
  itemIndex: number,
  fallback?: unknown,
  options?: IGetNodeParameterOptions,
): unknown {
  const ask = (): unknown => context.getNodeParameter(name, itemIndex, fallback, options);
  const read = readBy.get(context) ?? begin(context);
  const key = options?.extractValue ? `${name} extracted` : name;
  const known = read.values.get(key);
  if (known && (known.isGiven || known.fallback === fallback)) return known.value;
  if (!read.parameters || hasExpression(read.parameters[name])) return ask();
  const value = ask();
  const isGiven = read.parameters[name] !== undefined;
  read.values.set(key, { value, isGiven, fallback });
  return value;
}

function begin(context: ParameterContext): Read {
  const read: Read = { parameters: context.getNode?.().parameters, values: new Map() };
  readBy.set(context, read);
  return read;
}

function hasExpression(value: unknown): boolean {
  if (typeof value === 'string') return value.startsWith('=');
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(hasExpression);
}
