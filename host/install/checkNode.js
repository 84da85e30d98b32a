/*
 * Run before anything else, by whatever Node there is: so only what the oldest Node understands,
 * and nothing from node_modules.
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
