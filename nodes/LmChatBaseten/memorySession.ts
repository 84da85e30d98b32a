import { NodeConnectionTypes, type INode, type ISupplyDataFunctions } from 'n8n-workflow';

import { isBlank } from '../shared/json';

/** Parameters in which n8n's memories name their session, in this order. */
const KEYS = ['sessionKey', 'sessionId'];

/**
 * The session of the memory that the agent has. A conversation is the same for its memory and for
 * its model.
 * @param itemIndex position of the item that the agent works on
 * @returns nothing if there is no agent or no memory, or the session can't be found out
 */
export function memorySession(
  context: ISupplyDataFunctions,
  itemIndex: number,
): string | undefined {
  // n8n's context has the agent; its public type does not.
  const { parentNode: agent } = context as { parentNode?: INode };
  if (!agent) return undefined;
  try {
    const memories = context.getParentNodes(agent.name, {
      connectionType: NodeConnectionTypes.AiMemory,
      depth: 1,
      includeNodeParameters: true,
    });
    const memory = memories.find(({ type, disabled }) => !disabled && /memory/i.test(type));
    return memory && sessionOf(context, memory.parameters ?? {}, itemIndex);
  } catch {
    // An expression of the memory may need what only the memory has.
    return undefined;
  }
}

/** A memory names its session, or takes the one of the item or of the chat. */
function sessionOf(
  context: ISupplyDataFunctions,
  parameters: INode['parameters'],
  itemIndex: number,
): string | undefined {
  const named = KEYS.map((key) => parameters[key]).find((value) => !isBlank(value));
  const isOwn = parameters.sessionIdType === 'customKey';
  const trigger = context.getChatTrigger?.();
  const tried = [
    named,
    ...(isOwn ? [] : ['={{ $json.sessionId }}']),
    ...(isOwn || !trigger
      ? []
      : [`={{ $(${JSON.stringify(trigger.name)}).first().json.sessionId }}`]),
  ];
  for (const value of tried) {
    const session = evaluated(context, value, itemIndex);
    if (!isBlank(session)) return String(session);
  }
  return undefined;
}

function evaluated(context: ISupplyDataFunctions, value: unknown, itemIndex: number): unknown {
  if (typeof value !== 'string' || !value.startsWith('=')) return value;
  return context.evaluateExpression(value.slice(1), itemIndex);
}
