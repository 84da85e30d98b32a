import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const NODES = join(__dirname, '../../../../nodes');

/** All sentences in the source that send people somewhere. */
function sentences(): string[] {
  const files = readdirSync(NODES, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && !file.includes('openapi'));
  return sources.flatMap((file) => {
    const code = readFileSync(join(NODES, file), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '');
    return code.match(/[A-Z][^.'`"\n]*\bin Baseten\b[^.'`"\n]*/g) ?? [];
  });
}

test('nobody is sent to a web page for what an operation of the node does', () => {
  const all = sentences();
  expect(all.length).toBeGreaterThan(3);
  const can = /\b(look at|logs|activate|redeploy|promote|replicas|change|resumes)\b/i;
  const sendsAway = all.filter((sentence) => can.test(sentence) && !sentence.includes('→'));
  expect(sendsAway).toStrictEqual([]);
});
