import type { INode, INodeParameters, ISupplyDataFunctions } from 'n8n-workflow';

import { memorySession } from '../../../nodes/LmChatBaseten/memorySession';

interface Memory {
  type?: string;
  disabled?: boolean;
  parameters?: INodeParameters;
}

/** The context of a sub-node whose agent has a memory. `values` are those of expressions. */
function contextWith(memory: Memory | undefined, values: Record<string, unknown> = {}) {
  return {
    parentNode: { name: 'Agent' } as INode,
    getParentNodes: (name: string, options: { connectionType: string }) =>
      name === 'Agent' && options.connectionType === 'ai_memory' && memory
        ? [{ name: 'Memory', type: 'x.memoryBufferWindow', disabled: false, ...memory }]
        : [],
    getChatTrigger: () => ({ name: 'Chat' }),
    evaluateExpression: (expression: string) => {
      if (values[expression] instanceof Error) throw values[expression];
      return values[expression];
    },
  } as unknown as ISupplyDataFunctions;
}

const ITEM = '{{ $json.sessionId }}';
const CHAT = '{{ $("Chat").first().json.sessionId }}';
test.each<[string, Memory, Record<string, unknown>, string | undefined]>([
  [
    'a text',
    { parameters: { sessionIdType: 'customKey', sessionKey: 'team' } },
    { [ITEM]: 'x' },
    'team',
  ],
  [
    'an expression',
    { parameters: { sessionIdType: 'customKey', sessionKey: '={{ $json.user }}' } },
    { '{{ $json.user }}': 17 },
    '17',
  ],
  ['the item’s', { parameters: { sessionIdType: 'fromInput' } }, { [ITEM]: 'item' }, 'item'],
  [
    'the item’s by the expression of the form',
    { parameters: { sessionIdType: 'fromInput', sessionKey: `=${ITEM}` } },
    { [ITEM]: 'item' },
    'item',
  ],
  ['the chat’s', { parameters: { sessionIdType: 'fromInput' } }, { [CHAT]: 'chat' }, 'chat'],
  ['under another name', { parameters: { sessionId: 'zep' } }, {}, 'zep'],
  [
    'an empty one of its own',
    { parameters: { sessionIdType: 'customKey' } },
    { [ITEM]: 'x' },
    undefined,
  ],
  ['none', { parameters: {} }, {}, undefined],
  [
    'one that fails',
    { parameters: { sessionKey: '={{ x }}' } },
    { '{{ x }}': new Error() },
    undefined,
  ],
  ['switched off', { disabled: true, parameters: { sessionKey: 'team' } }, {}, undefined],
  ['no memory', { type: 'x.code', parameters: { sessionKey: 'team' } }, {}, undefined],
])('the session of an agent’s memory: %s', (_name, memory, values, session) => {
  expect(memorySession(contextWith(memory, values), 0)).toBe(session);
});

test('without a memory or an agent there is no session', () => {
  expect(memorySession(contextWith(undefined), 0)).toBeUndefined();
  expect(memorySession({} as ISupplyDataFunctions, 0)).toBeUndefined();
});
