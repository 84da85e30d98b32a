import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

/** The parameter that keeps the fields and files of an incoming item beside its answer. */
export const INCLUDE_INPUT: INodeProperties = {
  displayName: 'Include Other Input Fields',
  name: 'includeInputFields',
  type: 'boolean',
  default: false,
  description:
    'Whether the fields and files of the incoming item stay beside the answer. If both have a field of the same name, the answer’s field stays.',
};

/** Puts the incoming item of an answer beside it, if the user wants that. */
export type InputBeside = (item: INodeExecutionData, itemIndex: number) => INodeExecutionData;

/**
 * Reads of which incoming items the fields and files stay. Most workflows don't set it, so it is
 * looked for once, and evaluated for each item only if it is an expression.
 * @returns tells for an item whether it stays
 */
export function readIncludesInput(context: IExecuteFunctions): (itemIndex: number) => boolean {
  const given = context.getNode().parameters?.[INCLUDE_INPUT.name];
  const isExpression = typeof given === 'string' && given.startsWith('=');
  if (!isExpression) return () => given === true;
  return (itemIndex) => context.getNodeParameter(INCLUDE_INPUT.name, itemIndex) === true;
}

/** Reads what an output item has of its incoming item. */
export function readInputBeside(context: IExecuteFunctions): InputBeside {
  const includesInput = readIncludesInput(context);
  return (item, itemIndex) => {
    const input = includesInput(itemIndex) ? context.getInputData()[itemIndex] : undefined;
    return input ? besideInput(input, item) : item;
  };
}

/** Puts an item beside the one that came in: its own fields and files win. */
export function besideInput(
  input: INodeExecutionData,
  item: INodeExecutionData,
): INodeExecutionData {
  const binary = { ...input.binary, ...item.binary };
  return {
    ...item,
    json: { ...input.json, ...item.json },
    ...(Object.keys(binary).length > 0 && { binary }),
  };
}
