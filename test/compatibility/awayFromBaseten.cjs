const dns = require('node:dns');

/** n8n loads this file. Baseten's hosts are then unknown, as on a machine without a network. */
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
