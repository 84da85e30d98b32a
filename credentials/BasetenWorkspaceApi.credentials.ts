import type { IAuthenticateGeneric, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

const CUSTOM_ONLY = { show: { endpoints: ['custom'] } };

/** URLs that start with http://, and those among them that stay on this machine. */
const PLAIN_HTTP = '^\\s*[Hh][Tt][Tt][Pp]://';
const THIS_MACHINE = `${PLAIN_HTTP}(localhost|127(\\.[0-9]+){3}|\\[::1\\])(:[0-9]+)?(/|\\s*$)`;

/** A notice below the field of a URL. It is shown if the URL would send the key unencrypted. */
function plainHttpNotice(field: string): INodeProperties {
  return {
    displayName:
      'This address starts with http://, so the API key and all data go over the network unencrypted. Use https:// for anything but this machine.',
    name: `${field}Notice`,
    type: 'notice',
    default: '',
    displayOptions: {
      show: { endpoints: ['custom'], [field]: [{ _cnd: { regex: PLAIN_HTTP } }] },
      hide: { [field]: [{ _cnd: { regex: THIS_MACHINE } }] },
    },
  };
}

/**
 * The API key of a Baseten workspace, and where requests go.
 * @see https://docs.baseten.co/organization/api-keys
 */
export class BasetenWorkspaceApi implements ICredentialType {
  name = 'basetenWorkspaceApi';

  displayName = 'Baseten Workspace API';

  icon: Icon = { light: 'file:../icons/baseten.svg', dark: 'file:../icons/baseten.dark.svg' };

  documentationUrl = 'https://docs.baseten.co/organization/api-keys';

  properties: INodeProperties[] = [
    {
      displayName: 'API Key',
      name: 'apiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      description:
        'Created in Baseten under Settings → API keys. A key that is limited to inference works, but lists stay empty.',
    },
    {
      displayName: 'Management API Key',
      name: 'managementApiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      description:
        'A second key for lists, the fields of models, logs, prices, readiness and operating deployments, so that the API key itself can be limited to inference. Leave it empty to use the API key for everything.',
    },
    {
      displayName: 'Webhook Secret',
      name: 'webhookSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      placeholder: 'whsec_…',
      description:
        'Signing secret that async results are verified with, created in Baseten under Settings → Webhook secrets. While you rotate it, enter the old and the new one, separated by a comma.',
    },
    {
      displayName: 'Endpoints',
      name: 'endpoints',
      type: 'options',
      default: 'baseten',
      description: 'Where requests go',
      options: [
        { name: 'Baseten', value: 'baseten', description: "Baseten's own hosts" },
        {
          name: 'Custom',
          value: 'custom',
          description: 'A private gateway, a proxy or a local emulator',
        },
      ],
    },
    {
      displayName: 'Deployment URL',
      name: 'deploymentUrl',
      type: 'string',
      default: 'https://{kind}-{id}.api.baseten.co',
      description:
        'Base URL of deployed models and chains. {kind} becomes model or chain. {id} becomes the ID; for a regional target it becomes the ID, a dash and the environment.',
      displayOptions: CUSTOM_ONLY,
    },
    plainHttpNotice('deploymentUrl'),
    {
      displayName: 'Model API URL',
      name: 'modelApiUrl',
      type: 'string',
      default: 'https://inference.baseten.co/v1',
      description: 'Base URL of the Model APIs, with its /v1',
      displayOptions: CUSTOM_ONLY,
    },
    plainHttpNotice('modelApiUrl'),
    {
      displayName: 'Management URL',
      name: 'managementUrl',
      type: 'string',
      default: 'https://api.baseten.co',
      description: 'Base URL of the management API, without its /v1',
      displayOptions: CUSTOM_ONLY,
    },
    plainHttpNotice('managementUrl'),
    {
      displayName: 'Key Type',
      name: 'authorization',
      type: 'options',
      default: 'bearer',
      description: 'What kind of key the API key is',
      options: [
        {
          name: 'Workspace',
          value: 'bearer',
          description: 'A key from Baseten’s settings, sent as Bearer',
        },
        {
          name: 'Frontier Gateway',
          value: 'apiKey',
          description: 'A key that the owner of a Frontier Gateway gave you, sent as Api-Key',
        },
      ],
      displayOptions: CUSTOM_ONLY,
    },
    {
      displayName: 'Connection',
      name: 'connection',
      type: 'options',
      default: 'auto',
      description: 'How requests leave this n8n',
      options: [
        {
          name: 'Automatic',
          value: 'auto',
          description: 'The fastest way that works',
        },
        {
          name: "N8n's HTTP Client",
          value: 'n8n',
          description: 'For instances that must go through a proxy',
        },
      ],
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: {
      headers: {
        Authorization:
          '={{ $credentials.endpoints === "custom" && $credentials.authorization === "apiKey" ? "Api-Key" : "Bearer" }} {{$credentials.apiKey}}',
      },
    },
  };
}
