// A process of its own: what n8n does with this package when it starts, in CPU time. It prints
// milliseconds, and how many files of the package were loaded.
const { readFileSync } = require('node:fs');
const { basename, join } = require('node:path');

const [folder = ''] = process.argv.slice(2);
const { n8n } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
// n8n has loaded it long before.
require(require.resolve('n8n-workflow', { paths: [folder] }));

const before = process.cpuUsage();
for (const file of [...n8n.credentials, ...n8n.nodes]) {
  const path = join(folder, file);
  const { [basename(file).split('.')[0]]: Loaded } = require(path);
  new Loaded();
}
const { user, system } = process.cpuUsage(before);
const isOurs = (path) => path.startsWith(join(folder, 'dist'));
const files = Object.keys(require.cache).filter(isOurs).length;
console.log(JSON.stringify({ ms: (user + system) / 1000, files }));
