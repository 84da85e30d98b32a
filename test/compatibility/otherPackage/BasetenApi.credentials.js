/**
 * The credential type of the official package, with no more than a key.
 */
exports.BasetenApi = class BasetenApi {
  name = 'basetenApi';
  displayName = 'Baseten API';
  properties = [
    {
      displayName: 'API Key',
      name: 'apiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
    },
  ];
  test = { request: { baseURL: 'https://inference.baseten.co/v1', url: '/models' } };

  async authenticate({ apiKey }, request) {
    return { ...request, headers: { ...request.headers, Authorization: `Bearer ${apiKey}` } };
  }
};
