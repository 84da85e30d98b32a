const dns = require('node:dns');

/** Loaded into n8n: Baseten's hosts are as unknown as they are on a machine without a network. */
const { lookup } = dns;

dns.lookup = (host, ...rest) => {
  if (!/(^|\.)baseten\.co$/.test(host)) return lookup(host, ...rest);
  const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), {
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
    hostname: host,
  });
  process.nextTick(rest.at(-1), error);
};
