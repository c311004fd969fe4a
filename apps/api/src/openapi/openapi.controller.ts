import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../authentication/access.js';
import type { DescribedRoute } from './described-routes.js';
import { openApiDocument } from './openapi-document.js';
import { packageVersion } from './package-version.js';

/** Where Nest finds the described routes. */
export const DESCRIBED_ROUTES = Symbol('DescribedRoutes');

/** GET /openapi.json: what this API takes and answers, for programs. Made once, when it is first asked for. */
@Access('public')
@Controller('openapi.json')
export class OpenApiController {
  private text: string | undefined;

  constructor(@Inject(DESCRIBED_ROUTES) private readonly routes: readonly DescribedRoute[]) {}

  @Get()
  read(@Res({ passthrough: true }) reply: FastifyReply): string {
    this.text ??= JSON.stringify(openApiDocument(this.routes, packageVersion()));
    void reply.headers({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=300' });
    return this.text;
  }
}
