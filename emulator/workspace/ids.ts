import { randomBytes } from 'node:crypto';

/** IDs of the simulated models: alphanumeric and 8 long, as Baseten's are. */
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
  thinker: 'emulator/thinker',
  embedder: 'emulator/embedder',
  notEnabled: 'emulator/not-enabled',
} as const;

/** The environment that every model and chain has on a regional host. */
export const REGIONAL_ENVIRONMENT = 'prod-us';

export type DeploymentRole = 'production' | 'staging' | 'regional' | 'development';

const ROLE_SUFFIX: Record<DeploymentRole, string> = {
  production: 'pr',
  staging: 'st',
  regional: 'us',
  development: 'dv',
};

/** The deployment's ID: the owner's first five characters and two for the role (`echo0001` → `echo0pr`). */
export const deploymentIdFor = (ownerId: string, role: DeploymentRole) =>
  ownerId.slice(0, 5) + ROLE_SUFFIX[role];

/** 32 hexadecimal characters, the look of Baseten's request IDs. */
export const newRequestId = () => randomBytes(16).toString('hex');
