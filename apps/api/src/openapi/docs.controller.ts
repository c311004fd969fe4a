import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../authentication/access.js';
import { ApiError } from '../http/api-error.js';

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>millrace API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript. <a href="/openapi.json">/openapi.json</a> says the same for programs.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#page', deepLinking: true, docExpansion: 'list' });\n`;

/** What the page loads besides START, from the package swagger-ui-dist. */
const ASSETS: ReadonlyMap<string, string> = new Map([
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['favicon-32x32.png', 'image/png'],
]);

/** The page loads nothing from elsewhere, sends what is typed to nobody else and is framed by nobody. */
const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    // The page sizes its parts by style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'public, max-age=3600',
};

const find = createRequire(import.meta.url);

/** GET /docs: what /openapi.json says, as a page that also tries calls out. Works without a network. */
@Access('public')
@Controller('docs')
export class DocsController {
  @Get()
  page(@Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.headers({ ...HEADERS, 'content-type': 'text/html; charset=utf-8' });
    return PAGE;
  }

  @Get('start.js')
  start(@Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.headers({ ...HEADERS, 'content-type': 'text/javascript; charset=utf-8' });
    return START;
  }

  @Get(':file')
  async asset(@Param('file') file: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const type = ASSETS.get(file);
    if (type === undefined) throw new ApiError({ kind: 'resource_not_found', resource: 'page of /docs', id: file });
    const bytes = await readFile(find.resolve(`swagger-ui-dist/${file}`));
    void reply.headers({ ...HEADERS, 'content-type': type });
    return bytes;
  }
}
