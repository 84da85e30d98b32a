import dns from 'node:dns';

/**
 * Lets every name that ends in `.invalid` be unknown, in the same words on every network. Jest's
 * `restoreAllMocks` ends it.
 */
export function unknownNames(): void {
  const lookup = dns.lookup;
  jest.spyOn(dns, 'lookup').mockImplementation(((host: string, options: never, callback: never) => {
    if (!host.endsWith('.invalid')) return lookup(host, options, callback);
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), {
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
    });
    process.nextTick(callback as (error: Error) => void, error);
  }) as never);
}
