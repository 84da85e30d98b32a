import { randomBytes } from 'node:crypto';

/** IDs of the simulated models: 8 letters and digits, as Baseten's are. */
export const MODEL_IDS = {
  sentiment: 'sentim01',
  image: 'imagen01',
  transcriber: 'transc01',
  echo: 'echo0001',
  flaky: 'flaky001',
  llm: 'llmchat1',
  embedder: 'embedd01',
  reranker: 'rerank01',
  sleeper: 'sleepy01',
  libraryWhisper: 'whisper1',
  fasterWhisper: 'fasterw1',
  parakeet: 'parakee1',
  whisperX: 'wspx0001',
  openAiTranscriber: 'vllmasr1',
  chatTranscriber: 'qwenasr1',
  kokoro: 'kokoro01',
  xtts: 'xttsv201',
  orpheus: 'orpheus1',
  flux: 'flux0001',
  sdxl: 'sdxl0001',
  comfyUi: 'comfyui1',
} as const;

/** IDs of the simulated chains. */
export const CHAIN_IDS = {
  summariseAndScore: 'sumscor1',
  echo: 'echochn1',
} as const;

/** Slugs of the simulated Model APIs. */
export const MODEL_API_SLUGS = {
  chat: 'emulator/chat',
  reasoner: 'emulator/reasoner',
  reasonerPlain: 'emulator/reasoner-plain',
  agentReasoner: 'emulator/agent-reasoner',
  thinker: 'emulator/thinker',
  embedder: 'emulator/embedder',
  notEnabled: 'emulator/not-enabled',
} as const;

/** The environment that every model and chain has on a regional host. */
export const REGIONAL_ENVIRONMENT = 'prod-us';

/** What a deployment of a model or chain is for; each has one of every role. */
export type DeploymentRole = 'production' | 'staging' | 'regional' | 'development';

const ROLE_SUFFIX: Record<DeploymentRole, string> = {
  production: 'pr',
  staging: 'st',
  regional: 'us',
  development: 'dv',
};

/**
 * The ID of the deployment with that role: the owner's first five characters and two for the role
 * (`echo0001` → `echo0pr`).
 */
export const deploymentIdFor = (ownerId: string, role: DeploymentRole) =>
  ownerId.slice(0, 5) + ROLE_SUFFIX[role];

/** A random request ID: 32 hexadecimal characters, like Baseten's. */
export const newRequestId = () => randomBytes(16).toString('hex');
