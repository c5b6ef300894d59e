// A sign-in provider for tests: oidc-provider on loopback, which signs in the user that the test names without asking.
// Usage: node provider.mjs <redirect URI> <post-logout URI>. It prints its address. GET /as/<user> chooses the user, GET
// /in/<user>/<group> gives a user one group instead of theirs.
import http from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.OIDC_PROVIDER_MODULES}/package.json`);
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

// Nothing reads what else it has to say.
console.info = console.warn = () => {};

const [redirectUri, postLogoutUri] = process.argv.slice(2);
const users = {
  ada: { groups: ['staff', 'ops'], email: 'ada@example.com', email_verified: true },
  sam: { groups: ['planning'], email: 'sam@example.com', email_verified: false },
  eve: { groups: ['visitors'], email: 'eve@example.com', email_verified: true },
};
let current = 'ada';

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'tandem',
      client_secret: 'a secret of twenty signs',
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [postLogoutUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }],
    pkce: { required: () => true, methods: ['S256'] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: { openid: ['sub', 'groups'], profile: ['preferred_username'], email: ['email', 'email_verified'] },
    // Claims are in the ID token, as most providers put them there.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    cookies: { keys: ['only for tests'] },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: `id-of-${id}`, preferred_username: id, ...users[id] }),
    }),
  });
  const callback = provider.callback();
  server.on('request', async (request, response) => {
    if (request.url.startsWith('/as/')) {
      current = request.url.slice('/as/'.length);
      response.end(current);
      return;
    }
    if (request.url.startsWith('/in/')) {
      const [, , user, group] = request.url.split('/');
      users[user].groups = [group];
      response.end(group);
      return;
    }
    if (request.url.startsWith('/interaction/')) {
      const { params } = await provider.interactionDetails(request, response);
      const grant = new provider.Grant({ accountId: current, clientId: params.client_id });
      grant.addOIDCScope(params.scope);
      const grantId = await grant.save();
      const result = { login: { accountId: current }, consent: { grantId } };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
      return;
    }
    callback(request, response);
  });
  console.log(issuer);
});
