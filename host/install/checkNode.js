/*
 * Says in one sentence that Node is too old. It runs before anything else, on whatever Node there
 * is: so its syntax is one that very old versions understand, and it needs no installed package.
 */
var engines = require('../../package.json').engines;
var wanted = /(\d+)(?:\.(\d+))?/.exec(engines.node);
var running = /^v?(\d+)\.(\d+)/.exec(process.version);

var needed = [Number(wanted[1]), Number(wanted[2] || 0)];
var have = [Number(running[1]), Number(running[2])];

if (have[0] < needed[0] || (have[0] === needed[0] && have[1] < needed[1])) {
  console.error(
    'This needs Node ' +
      needed.join('.') +
      ' or newer and runs on ' +
      process.version.replace('v', '') +
      ': install a newer Node and try again.',
  );
  process.exit(1);
}
