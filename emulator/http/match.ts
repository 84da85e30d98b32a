/** Which requests something is about: every condition given has to hold. */
export interface RequestMatch {
  method?: string;
  /** A string is part of the path. */
  path?: string | RegExp;
  /** The ID of a model or chain. */
  modelId?: string;
}

/** A `RequestMatch` as JSON: `pathPattern` is the source of a regular expression for the path. */
export type JsonMatch = Omit<RequestMatch, 'path'> & { path?: string; pathPattern?: string };

/** Whether a request is meant. Without a match every request is. */
export function matches(match: RequestMatch | undefined, method: string, path: string): boolean {
  if (match?.method && match.method.toUpperCase() !== method) return false;
  if (match?.modelId && !new RegExp(`^/(model|chain)-${match.modelId}(-[^/]+)?/`).test(path))
    return false;
  if (match?.path === undefined) return true;
  return typeof match.path === 'string' ? path.includes(match.path) : match.path.test(path);
}

/**
 * The match that JSON describes.
 * @throws {SyntaxError} If `pathPattern` is not a regular expression.
 */
export function matchFrom({ pathPattern, ...rest }: JsonMatch = {}): RequestMatch {
  return pathPattern === undefined ? rest : { ...rest, path: new RegExp(pathPattern) };
}
