import { notFound } from '../http/refusal';
import type { OwnerKind } from '../workspace/registry';

/** The first label of a Baseten host name. In the emulator it is the first segment of the path. */
export interface Host {
  kind: OwnerKind;
  id: string;
  /** The environment of a regional host; absent on any other. */
  environment: string | undefined;
}

/**
 * `model-abc` or `model-abc-prod-us` → its kind, ID and environment.
 * @throws {Refusal} 404 for anything else.
 */
export function parseHost(segment: string): Host {
  const match = /^(model|chain)-([^-]+)(?:-(.+))?$/.exec(segment);
  if (!match) throw notFound(`There is no host ${segment}.`);
  return { kind: match[1] as OwnerKind, id: match[2]!, environment: match[3] };
}
