import type { ILoadOptionsFunctions } from 'n8n-workflow';

import type { Owner, OwnerKind, Target } from '../connection/endpoints';
import { TARGET } from './addressing';

/**
 * The model or chain that is chosen in the form.
 * @returns nothing if none is chosen yet; the text of an expression if one stands in the field
 */
export function chosenOwner(context: ILoadOptionsFunctions): Owner | undefined {
  const kind = chosenKind(context);
  const id = context.getCurrentNodeParameter(kind === 'model' ? 'modelId' : 'chainId', {
    extractValue: true,
  });
  return typeof id === 'string' && id !== '' ? { kind, id } : undefined;
}

/** The kind of what the form calls. */
export function chosenKind(context: ILoadOptionsFunctions): OwnerKind {
  const isChain = ['resource', 'ownerType'].some(
    (name) => context.getCurrentNodeParameter(name) === 'chain',
  );
  return isChain ? 'chain' : 'model';
}

/** The target that is chosen in the form; production unless it is known. */
export function chosenTarget(context: ILoadOptionsFunctions): Target {
  const chosen = (name: string) =>
    String(context.getCurrentNodeParameter(name, { extractValue: true }) ?? '');
  // While an expression is in the field, nobody knows what it will give.
  const target = chosen('target');
  const type = TARGET.values.find((value) => value === target) ?? TARGET.fallback;
  if (type === 'deployment') return { type, deploymentId: chosen('deploymentId') };
  return type === 'environment' || type === 'regional'
    ? { type, environment: chosen('environment') }
    : { type };
}
