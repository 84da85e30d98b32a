export type { TlsIdentity } from './http/bothHttpVersions';
export { type Clock, type ManualClock, manualClock, realClock } from './clock';
export type { Emulator } from './emulator';
export type { Fault, FaultKind } from './http/faults';
export {
  CHAIN_IDS,
  MODEL_API_SLUGS,
  MODEL_IDS,
  REGIONAL_ENVIRONMENT,
  deploymentIdFor,
} from './workspace/ids';
export {
  type Handler,
  type ModelAnswer,
  type ModelCall,
  bytes,
  json,
  refusal,
} from './models/model';
export type { EmulatorOptions, Limits } from './options';
export type { OwnerDefinition } from './workspace/registry';
export type { RecordedRequest } from './http/requestLog';
export { startEmulator } from './server';
export type { Delivery, DeliverOptions } from './async/webhooks';
export { signatureHeader } from './async/webhookSecrets';
