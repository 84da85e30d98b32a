import { type Handler, inputObject, json } from './model';

/**
 * `{key?, text?, fail_times?, status?}` → fails the first `fail_times` (2) calls of a key, or of a
 * text, with `status` (500), then returns `{key, attempts}`. Each success resets the count, so that
 * a repeated run fails again.
 */
export function flaky(): Handler {
  const calls = new Map<string, number>();
  return (call) => {
    const input = inputObject(call);
    const key = String(input.key ?? input.text ?? 'default');
    const failTimes = typeof input.fail_times === 'number' ? input.fail_times : 2;
    const attempts = (calls.get(key) ?? 0) + 1;
    calls.set(key, attempts);
    if (attempts <= failTimes) {
      const status = typeof input.status === 'number' ? input.status : 500;
      return json({ error: `Simulated failure ${attempts} of ${failTimes}.` }, status);
    }
    calls.delete(key);
    return json({ key, attempts });
  };
}
