import type { SdkContent, SdkMessage } from '@n8n/ai-node-sdk';

import { tryParse } from '../../shared/chat/json';
import type { LangChainMessage } from './messages';

const TYPES: Record<string, string> = { assistant: 'ai', system: 'system', tool: 'tool' };

/**
 * Reads the SDK's messages as if they were LangChain's, for a host whose adapter can't give those.
 * Images and reasoning are not in them.
 */
export function fromSdkMessages(messages: readonly SdkMessage[]): LangChainMessage[] {
  return messages.map(({ role, content }) => {
    const [first] = content;
    if (role === 'tool')
      return { type: 'tool', tool_call_id: String(first?.toolCallId), content: first?.result };
    const calls = content.filter(({ type }) => type === 'tool-call').map(toCall);
    return {
      type: TYPES[role] ?? 'human',
      content: content.filter(({ type }) => type === 'text'),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
  });
}

function toCall({ toolCallId, toolName, input }: SdkContent) {
  return {
    id: String(toolCallId),
    name: String(toolName),
    args: tryParse(String(input))?.value ?? {},
  };
}
