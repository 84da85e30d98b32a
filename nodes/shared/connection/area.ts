import type { Endpoints } from './endpoints';

/** What Baseten's limits know of a request. */
export interface Addressee {
  /** What a rate limit of a key holds for, at one host: Baseten limits these apart. */
  limited: string;
  /** The model, chain or Model API that works on it, and its target; nothing if none does. */
  deployment?: string;
}

/** What a URL may end with: what is asked of a deployment, or of an async request. */
const ACTION =
  /\/(?:(predict|run_remote|sync\/.*)|(async_predict|async_run_remote)|wake|async_queue_status|async_request\/[^/]*)$/;
/** Two ways to write the same target. */
const PRODUCTION = /\/environments\/production$/;

/**
 * Finds out which limits a request falls under.
 * @param url of the request
 * @param model that its body names; at the Model APIs each has limits of its own
 * @see https://docs.baseten.co/inference/async
 */
export function addresseeOf(endpoints: Endpoints, url: string, model?: string): Addressee {
  const isModelApi = isBelow(url, endpoints.modelApiUrl);
  if (isModelApi && model !== undefined) return { limited: `model ${model}`, deployment: model };
  if (isBelow(url, `${withoutSlash(endpoints.managementUrl)}/v1`)) return { limited: 'management' };
  if (isModelApi) return { limited: 'models' };
  const [place = ''] = url.split('?');
  const [action, inference, submission] = ACTION.exec(place) ?? ['', place];
  const deployment = place
    .slice(0, place.length - action.length)
    .replace(PRODUCTION, '/production');
  if (inference !== undefined) return { limited: 'inference', deployment };
  if (submission !== undefined) return { limited: 'submission', deployment };
  return { limited: 'status' };
}

function isBelow(url: string, base: string): boolean {
  return url.startsWith(`${withoutSlash(base)}/`);
}

function withoutSlash(base: string): string {
  return base.replace(/(?<!\/)\/+$/, '');
}
