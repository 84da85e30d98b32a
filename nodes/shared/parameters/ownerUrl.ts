import type { OwnerKind, Target } from '../connection/endpoints';
import { UserInputError } from '../errors/userInputError';
import { quoted } from '../quoted';

/** Find the ID in addresses of Baseten's app and API, of regional hosts and of custom endpoints. */
export const ID_IN_URL: Record<OwnerKind, string> = {
  model: '(?:/models/|/overview/|model-)([A-Za-z0-9]+)',
  chain: '(?:/chains/|chain-)([A-Za-z0-9]+)',
};

/** Words in paths of Baseten's APIs and its app behind which the name or ID of a target stands. */
const NAMED_BY: Record<string, 'environment' | 'deployment'> = {
  environment: 'environment',
  environments: 'environment',
  deployment: 'deployment',
  deployments: 'deployment',
  logs: 'deployment',
};

/**
 * Finds which deployment the URL of a model or chain names, in addresses of Baseten's APIs, of its
 * app and of custom endpoints.
 * @param kind what the URL belongs to
 * @returns nothing if it names the model or chain alone
 * @see https://docs.baseten.co/deployment/manage/overview
 */
export function targetInUrl(url: string, kind: OwnerKind): Target | undefined {
  const id = new RegExp(ID_IN_URL[kind]).exec(url);
  if (!id) return undefined;
  const rest = url.slice(id.index + id[0].length).split(/[?#]/, 1)[0] ?? '';
  const region = /^-([\w-]+)/.exec(rest)?.[1];
  if (region !== undefined) return { type: 'regional', environment: region };
  const steps = rest
    .split('/')
    .slice(1)
    .filter((step) => step !== '')
    .map(decoded);
  for (const [at, step] of steps.entries()) {
    const name = steps[at + 1] ?? '';
    // What follows is a path of the model's own server.
    if (step === 'sync') return undefined;
    if (step === 'production' || step === 'development') return { type: step };
    if (Object.hasOwn(NAMED_BY, step) && name !== '') return targetNamed(NAMED_BY[step], name);
  }
  return undefined;
}

/**
 * Makes sure that a URL does not name another deployment than the one that is called. What it names
 * is not used, so without the check something else would be called.
 * @param target what is called
 * @param url the URL that the user gave for the model or chain
 * @throws {UserInputError} if they differ
 */
export function checkTargetOfUrl(target: Target, url: string, kind: OwnerKind): void {
  const named = targetInUrl(url, kind);
  if (!named || isSame(named, target) || nameIn(target) === '') return;
  throw new UserInputError(
    `The URL names ${inWords(named)}, but Target is ${inWords(target)}`,
    `Set Target to what should be called, or give a URL without it: only the ${kind}’s ID is taken from the URL.`,
  );
}

function targetNamed(by: 'environment' | 'deployment' | undefined, name: string): Target {
  if (name === 'production') return { type: 'production' };
  if (by === 'environment') return { type: 'environment', environment: name };
  return name === 'development'
    ? { type: 'development' }
    : { type: 'deployment', deploymentId: name };
}

function isSame(named: Target, target: Target): boolean {
  const name = nameIn(target);
  switch (named.type) {
    case 'production':
      return target.type === 'production' || (target.type === 'environment' && name === named.type);
    case 'development':
      return target.type === 'development';
    case 'deployment':
      return target.type === 'deployment' && name === named.deploymentId;
    // The management API names a regional environment like any other.
    case 'environment':
      return 'environment' in target && name === named.environment;
    // Host names have no capitals.
    case 'regional':
      return target.type === 'regional' && name.toLowerCase() === named.environment.toLowerCase();
  }
}

/** The name or ID that belongs to a target; for production and development what they are called. */
function nameIn(target: Target): string {
  if ('environment' in target) return target.environment.trim();
  return 'deploymentId' in target ? target.deploymentId.trim() : target.type;
}

function inWords(target: Target): string {
  const name = quoted(nameIn(target));
  switch (target.type) {
    case 'environment':
      return `the environment ${name}`;
    case 'regional':
      return `the regional environment ${name}`;
    case 'deployment':
      return `the deployment ${name}`;
    case 'development':
      return 'the development deployment';
    case 'production':
      return 'production';
  }
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
