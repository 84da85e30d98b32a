const { NodeConnectionTypes } = require('n8n-workflow');
const { supplyModel } = require('@n8n/ai-node-sdk');

const BASE_URL = 'https://inference.baseten.co/v1';

/** A chat model that takes only the key of its credential and always calls the same address. */
exports.LmChatBaseten = class LmChatBaseten {
  description = {
    displayName: 'Baseten Chat Model',
    name: 'lmChatBaseten',
    group: ['transform'],
    version: [1],
    description: 'A chat model of another package',
    defaults: { name: 'Baseten Chat Model' },
    inputs: [],
    outputs: [NodeConnectionTypes.AiLanguageModel],
    credentials: [{ name: 'basetenApi', required: true }],
    properties: [{ displayName: 'Model', name: 'model', type: 'string', default: '' }],
  };

  async supplyData(itemIndex) {
    const { apiKey } = await this.getCredentials('basetenApi');
    const model = this.getNodeParameter('model', itemIndex);
    return supplyModel(this, { type: 'openai', baseUrl: BASE_URL, apiKey, model });
  }
};
