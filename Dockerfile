# The portal's one image; docker-compose.yml runs it as web server, worker and beat.
# tests/production runs the same commands without Docker, on what the last stage holds.

FROM node:22-bookworm-slim AS styles
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY static static
RUN npm run build

FROM python:3.11-slim-bookworm AS build
ENV PYTHONDONTWRITEBYTECODE=1
RUN python -m venv --without-pip /opt/venv
COPY requirements.txt ./
RUN python -m pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes -r requirements.txt
WORKDIR /app
COPY manage.py ./
COPY portal portal
COPY cohorts cohorts
COPY bookclub bookclub
COPY qi_projects qi_projects
COPY referrals referrals
COPY templates templates
COPY --from=styles /app/static static
# No secret is needed to gather files, so none is given to the build.
RUN PORTAL_MODE=test /opt/venv/bin/python manage.py collectstatic --noinput --verbosity 0
# The last stage cannot write beside the code, so what Python would compile there is compiled now.
RUN /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash portal cohorts bookclub qi_projects referrals

FROM python:3.11-slim-bookworm
RUN python -m pip uninstall --yes pip setuptools wheel \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin portal
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000
USER 10001:10001
EXPOSE 8000
CMD ["python", "-m", "portal.web_server"]
