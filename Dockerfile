FROM node:24-slim
WORKDIR /app
# The config is /app/twokey.yml, unless TWOKEY_CONFIG or TWOKEY_CONFIG_CONTENT is set.
ENV NODE_ENV=production TWOKEY_DATA_DIR=/data
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force && mkdir /data && chown node:node /data
COPY manifest.yml github-app.json ./
COPY bin ./bin
COPY src ./src
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --start-period=30s --interval=30s --timeout=5s CMD ["node", "src/main.ts", "health"]
ENTRYPOINT ["node", "src/main.ts"]
CMD ["start"]
