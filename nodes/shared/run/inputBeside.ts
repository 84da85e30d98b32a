import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

/** The parameter that keeps the fields and files of an incoming item beside its answer. */
export const INCLUDE_INPUT: INodeProperties = {
  displayName: 'Include Other Input Fields',
  name: 'includeInputFields',
  type: 'boolean',
  default: false,
  description:
    'Whether the fields and files of the incoming item stay beside the answer. Where names meet, the answer wins.',
};

/** Puts the incoming item of an answer beside it, if the user wants that. */
export type InputBeside = (item: INodeExecutionData, itemIndex: number) => INodeExecutionData;

/**
 * Reads what an output item has of its incoming item. Most workflows don't set it, so it is looked
 * for once, and evaluated for each item only if it is an expression.
 */
export function readInputBeside(context: IExecuteFunctions): InputBeside {
  const given = context.getNode().parameters?.[INCLUDE_INPUT.name];
  const isExpression = typeof given === 'string' && given.startsWith('=');
  if (given !== true && !isExpression) return (item) => item;
  return (item, itemIndex) => {
    const isOn = !isExpression || context.getNodeParameter(INCLUDE_INPUT.name, itemIndex) === true;
    const input = context.getInputData()[itemIndex];
    return isOn && input ? joined(input, item) : item;
  };
}

function joined(input: INodeExecutionData, item: INodeExecutionData): INodeExecutionData {
  const binary = { ...input.binary, ...item.binary };
  return {
    ...item,
    json: { ...input.json, ...item.json },
    ...(Object.keys(binary).length > 0 && { binary }),
  };
}
