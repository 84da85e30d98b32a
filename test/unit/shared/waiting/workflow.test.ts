import type { INodePropertyOptions } from 'n8n-workflow';

import { BasetenWait } from '../../../../nodes/BasetenWait/BasetenWait.node';
import {
  SETTLE_OUTPUTS,
  waitingWorkflow,
  type SettleOutput,
} from '../../../../nodes/shared/waiting/workflow';

const CALLER = {
  type: 'n8n-nodes-baseten.baseten',
  credentials: { basetenWorkspaceApi: { id: 'c1', name: 'Baseten' } },
};
const workflow = waitingWorkflow(CALLER);
const steps = workflow.nodes.filter(({ name }) => name !== 'Start');
const { description } = new BasetenWait();

test('its steps are those that the Baseten Wait node has', () => {
  const parameter = description.properties.find(({ name }) => name === 'step');
  const known = (parameter?.options as INodePropertyOptions[]).map(({ value }) => value);
  expect(steps.map(({ parameters }) => parameters.step).sort()).toStrictEqual(known.sort());
});

test('it sets only parameters that the Baseten Wait node has', () => {
  const known = description.properties.map(({ name }) => name);
  const used = steps.flatMap(({ parameters }) => Object.keys(parameters));
  expect(used.filter((name) => !known.includes(name))).toStrictEqual([]);
});

test("the steps are nodes of the caller's package, and use its credential", () => {
  expect(steps.map(({ type, credentials }) => [type, credentials])).toStrictEqual(
    steps.map(() => [`n8n-nodes-baseten.${description.name}`, CALLER.credentials]),
  );
});

test.each<[SettleOutput, string[]]>([
  ['settled', []],
  ['keepWaiting', ['Wait']],
  ['submitAgain', ['Submit']],
])('after "%s" comes %j', (output, next) => {
  const outputs = workflow.connections.Settle?.main ?? [];
  const following = outputs[SETTLE_OUTPUTS.indexOf(output)]?.map(({ node }) => node);
  expect([following, outputs.length]).toStrictEqual([next, SETTLE_OUTPUTS.length]);
});

test('a job is submitted, waited for and settled', () => {
  const next = (name: string) => workflow.connections[name]?.main?.[0]?.map(({ node }) => node);
  expect(['Start', 'Submit', 'Wait'].map(next)).toStrictEqual([['Submit'], ['Wait'], ['Settle']]);
});
