# syntax=docker/dockerfile:1
#
# A node of libp2p-voting. Build and run it:
#
#   docker build -t libp2p-voting .
#   docker run -d --name voter -p 4001:4001 -v voter-data:/var/lib/libp2p-voting/node -v voter-locks:/var/lib/libp2p-voting/locks libp2p-voting
#   docker exec voter libp2p-voting status
#
# Options of "start" go at the end of "docker run", in place of CMD below.

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# native parts come compiled, so no package needs to run a script
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts && rm -rf dist/test dist/scripts

FROM node:24-slim
LABEL org.opencontainers.image.title="libp2p-voting" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"

WORKDIR /opt/libp2p-voting
COPY --from=build /build/package.json /build/LICENSE* ./
COPY --from=build /build/node_modules node_modules
# maps refer to the sources, so that stack traces name them
COPY --from=build /build/src src
COPY --from=build /build/dist dist
RUN ln -s /opt/libp2p-voting/dist/src/cli/index.js /usr/local/bin/libp2p-voting \
 && chmod 755 dist/src/cli/index.js \
 && install -d -m 700 -o node -g node /var/lib/libp2p-voting /var/lib/libp2p-voting/node /var/lib/libp2p-voting/locks

ENV NODE_ENV=production \
    LIBP2P_VOTING_DATA_DIR=/var/lib/libp2p-voting/node \
    LIBP2P_VOTING_LOCK_DIR=/var/lib/libp2p-voting/locks

# Keys and store, and apart from them what the key has voted: an old copy of the one must never bring back an old copy of the other
VOLUME ["/var/lib/libp2p-voting/node", "/var/lib/libp2p-voting/locks"]

USER node

# libp2p. The control API stays inside: docker exec reaches it
EXPOSE 4001

STOPSIGNAL SIGTERM

HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7001/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

ENTRYPOINT ["libp2p-voting"]
CMD ["start", "--listen", "/ip4/0.0.0.0/tcp/4001", "--api-port", "7001"]
