# One image for every process: web, worker, beat and runner differ in their command alone.
FROM python:3.11-slim-bookworm

# bubblewrap is the sandbox of the runner. Debian's own security fixes are wanted, so no version.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 1000 --create-home --home-dir /var/lib/headwater headwater \
    && install --directory --owner headwater /var/lib/headwater/repro

WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1 \
    REPRO_HOME=/var/lib/headwater/repro

# Dependencies first: they change less often than the code, and stay in the build's cache.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN pip install --no-cache-dir "uv==$(sed -n '/^name = "uv"$/{n;s/version = "\(.*\)"/\1/p}' uv.lock)" \
    && uv sync --frozen --no-cache --no-dev --extra server --no-install-project

COPY . .
RUN uv sync --frozen --no-cache --no-dev --extra server \
    && python manage.py collectstatic --noinput

USER 1000
EXPOSE 8000
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--proxy-headers", "--forwarded-allow-ips", "*"]
