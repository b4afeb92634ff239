"""The process that `openid_provider` starts: a real OpenID provider, whose answers a test may bend on their way out."""

import json
import os
from typing import Any

import flask
import oidc_provider_mock
import werkzeug.serving
from authlib import jose


def bendable() -> flask.Flask:
    """The provider, with two addresses more: `/bend` takes how to answer from now on, `/asked` tells what was asked."""
    app = oidc_provider_mock.app()
    bent: dict[str, Any] = {}
    asked: list[list[Any]] = []

    @app.put("/bend")
    def bend() -> str:
        bent.clear()
        asked.clear()
        bent.update(flask.request.get_json())
        return ""

    @app.get("/asked")
    def tell() -> flask.Response:
        return flask.jsonify(asked)

    @app.before_request
    def answer_otherwise() -> flask.Response | None:
        asked.append([flask.request.path, flask.request.form.to_dict(), dict(flask.request.headers)])
        if reply := bent.get("replies", {}).get(flask.request.path):
            return flask.Response(reply, content_type="application/json")
        return None

    @app.after_request
    def bend_token(response: flask.Response) -> flask.Response:
        if flask.request.path == "/oauth2/token" and response.status_code == 200 and "token" in bent:
            answer = json.loads(response.get_data())
            key = flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True)
            claims = dict(jose.jwt.decode(answer.pop("id_token"), key))
            if bent["token"] is not None:
                claims = {name: value for name, value in (claims | bent["token"]).items() if value is not None}
                answer["id_token"] = jose.jwt.encode({"alg": "RS256"}, claims, key).decode()
            response.set_data(json.dumps(answer))
        return response

    @app.after_request
    def give_the_state_back(response: flask.Response) -> flask.Response:
        """RFC 6749, 4.1.2.1 wants it in a refusal too; the library leaves it out."""
        if flask.request.form.get("action") == "deny":
            response.location = f"{response.location}&state={flask.request.args['state']}"
        return response

    return app


if __name__ == "__main__":
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    server = werkzeug.serving.make_server("127.0.0.1", 0, bendable(), threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()
