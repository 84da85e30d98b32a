import { notFound } from './refusal';
import type { OwnerKind } from '../workspace/registry';

/** A host name of Baseten's, written as the first segment of the path. */
export interface Host {
  kind: OwnerKind;
  id: string;
  /** Set on a regional host. */
  environment: string | undefined;
}

/** `model-abc` or `model-abc-prod-us` → its parts. Throws 404 for anything else. */
export function parseHost(segment: string): Host {
  const match = /^(model|chain)-([^-]+)(?:-(.+))?$/.exec(segment);
  if (!match) throw notFound(`There is no host ${segment}.`);
  return { kind: match[1] as OwnerKind, id: match[2]!, environment: match[3] };
}
