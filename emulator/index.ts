// What tests, the demo and the benchmark use of the emulator.

export type { Delivery, DeliverOptions } from './async/webhooks';
export { signatureHeader } from './async/webhookSecrets';
export { type Clock, type ManualClock, manualClock, realClock } from './clock';
export type { Emulator } from './emulator';
export type { TlsIdentity } from './http/bothHttpVersions';
export type { Fault, FaultKind } from './http/faults';
export type { RequestLimit } from './http/requestLimits';
export type { RecordedRequest } from './http/requestLog';
export {
  type Handler,
  type ModelCall,
  type ModelResponse,
  bytes,
  json,
  modelError,
} from './models/model';
export { PACKED_FILE_BYTES } from './models/oddResponses';
export type { EmulatorOptions, Limits } from './options';
export { startEmulator } from './server';
export type { CapacityChange } from './workspace/capacity';
export {
  CHAIN_IDS,
  MODEL_API_SLUGS,
  MODEL_IDS,
  REGIONAL_ENVIRONMENT,
  deploymentIdFor,
} from './workspace/ids';
export type { OwnerDefinition } from './workspace/registry';
