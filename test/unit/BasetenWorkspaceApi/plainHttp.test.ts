import { NodeHelpers, type INodeParameters } from 'n8n-workflow';

import { BasetenWorkspaceApi } from '../../../credentials/BasetenWorkspaceApi.credentials';

const { properties } = new BasetenWorkspaceApi();

/** Which notices the form shows. */
function noticesFor(values: INodeParameters): string[] {
  return properties
    .filter((property) => property.type === 'notice')
    .filter((property) => NodeHelpers.displayParameter(values, property, null, null))
    .map(({ name }) => name);
}

test.each([
  'http://gateway.example/{kind}-{id}',
  'HTTP://gateway.example',
  ' http://10.0.0.5:8080/{id}',
  'http://localhost.example',
  'http://127.0.0.1.example',
  'http://{kind}-{id}.internal',
])('the form warns of %s', (deploymentUrl) => {
  expect(noticesFor({ endpoints: 'custom', deploymentUrl })).toStrictEqual(['deploymentUrlNotice']);
});

test.each([
  'https://gateway.example/{id}',
  'http://localhost:1234/{kind}-{id}',
  'http://127.0.0.1:1234/{kind}-{id}',
  'http://[::1]/{id}',
  'http://localhost',
  '',
])('the form does not warn of %s', (deploymentUrl) => {
  expect(noticesFor({ endpoints: 'custom', deploymentUrl })).toStrictEqual([]);
});

test('each address has its own warning, and none where Baseten’s own are used', () => {
  const urls = {
    deploymentUrl: 'http://a/{id}',
    modelApiUrl: 'http://b',
    managementUrl: 'http://c',
  };
  expect(noticesFor({ endpoints: 'custom', ...urls })).toHaveLength(3);
  expect(noticesFor({ endpoints: 'baseten', ...urls })).toHaveLength(0);
});
