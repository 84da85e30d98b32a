import { MODEL_API_SLUGS } from '../workspace/ids';

/**
 * How a chat model shows its reasoning: not at all, in a field of that name, or between `<think>`
 * tags in the content.
 */
export type ReasoningStyle = 'none' | 'reasoning_content' | 'reasoning' | 'think';

/** A Model API: a hosted model that every workspace can add. */
export interface ModelApi {
  /** The slug that goes into `model`. */
  name: string;
  displayName: string;
  description: string;
  serves: 'chat' | 'embeddings';
  reasoning: ReasoningStyle;
  /** Whether it refuses its calls of tools without the reasoning that led to them. */
  needsReasoning?: boolean;
  /** In tokens. */
  contextLength: number;
  /** Dollars per million tokens. */
  inputPrice: number;
  /** Dollars per million tokens. */
  outputPrice: number;
  /** Requests a minute, as the list tells them. A `RequestLimit` enforces what it is given. */
  requestsPerMinute: number;
  /** Tokens a minute, as the list tells them. Nothing enforces them. */
  tokensPerMinute: number;
  /** `false` means that the workspace has not added it: it is listed, but calls get 404. */
  enabled: boolean;
}

/** A Model API with the usual values for what isn't given. */
export function modelApi(api: Partial<ModelApi> & { name: string }): ModelApi {
  return {
    displayName: api.name,
    description: 'Simulated by the emulator; no model runs.',
    serves: 'chat',
    reasoning: 'none',
    contextLength: 131_072,
    inputPrice: 0.5,
    outputPrice: 1.5,
    requestsPerMinute: 6000,
    tokensPerMinute: 10_000_000,
    enabled: true,
    ...api,
  };
}

/** The Model APIs that every emulator starts with. */
export const SIMULATED_MODEL_APIS: ModelApi[] = [
  modelApi({ name: MODEL_API_SLUGS.chat, displayName: 'Emulator Chat' }),
  modelApi({
    name: MODEL_API_SLUGS.reasoner,
    displayName: 'Emulator Reasoner',
    reasoning: 'reasoning_content',
    contextLength: 262_144,
  }),
  modelApi({
    name: MODEL_API_SLUGS.reasonerPlain,
    displayName: 'Emulator Reasoner (plain)',
    reasoning: 'reasoning',
  }),
  modelApi({
    name: MODEL_API_SLUGS.agentReasoner,
    displayName: 'Emulator Agent Reasoner',
    reasoning: 'reasoning_content',
    needsReasoning: true,
  }),
  modelApi({ name: MODEL_API_SLUGS.thinker, displayName: 'Emulator Thinker', reasoning: 'think' }),
  modelApi({
    name: MODEL_API_SLUGS.embedder,
    displayName: 'Emulator Embedder',
    serves: 'embeddings',
    contextLength: 8_192,
    outputPrice: 0,
  }),
  modelApi({
    name: MODEL_API_SLUGS.notEnabled,
    displayName: 'Emulator Not Enabled',
    enabled: false,
  }),
];
