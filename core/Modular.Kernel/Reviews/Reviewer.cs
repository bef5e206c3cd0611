using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Answers questions about users and rights: objects that are created, and not stored.</summary>
internal sealed class Reviewer(AuthorizationChain authorization)
{
    /// <summary>Whether a question is only about the one who asks, who needs no right to ask it.</summary>
    public static bool IsAboutAsker(ReviewType type) => type is ReviewType.SelfSubject or ReviewType.SelfSubjectAccess or ReviewType.SelfSubjectRules;

    /// <summary>Gives the question its answer.</summary>
    /// <exception cref="ApiException">It is no question of the kind.</exception>
    public async ValueTask<WriteResult> AnswerAsync(
        ResourceDefinition definition, ApiRequest request, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        var review = ObjectDecoder.Open(body.Node, definition.Kind, request.Namespace);
        var warnings = ObjectDecoder.Decode(review, definition.Schema, definition.Kind, body, options);
        review["status"] = definition.Review switch
        {
            ReviewType.SelfSubject => new JsonObject { ["userInfo"] = Describe(request.User) },
            ReviewType.SelfSubjectRules => Rules(review, definition, request.User),
            _ => await JudgeAsync(review, definition, request, cancellationToken).ConfigureAwait(false),
        };
        return new WriteResult { Object = new ApiObject(definition.Kind, ObjectEncoding.Encode(review), 0), Created = true, Warnings = warnings };
    }

    private async ValueTask<JsonObject> JudgeAsync(JsonObject review, ResourceDefinition definition, ApiRequest request, CancellationToken cancellationToken)
    {
        var question = AccessQuestion.Read(review, definition, request);
        var result = await authorization.DecideAsync(question, cancellationToken).ConfigureAwait(false);
        var status = new JsonObject { ["allowed"] = result.Decision == AuthorizationDecision.Allow };
        if (result.Decision == AuthorizationDecision.Deny)
        {
            status["denied"] = true;
        }

        if (!string.IsNullOrEmpty(result.Reason))
        {
            status["reason"] = result.Reason;
        }

        return status;
    }

    private JsonObject Rules(JsonObject review, ResourceDefinition definition, UserInfo user)
    {
        if (review.GetString("spec.namespace") is not { Length: > 0 })
        {
            var errors = new FieldErrors();
            errors.Required("spec.namespace");
            throw new ApiException(errors.ToStatus(definition.Kind, ""));
        }

        var (rules, paths, isWhole) = authorization.RulesOf(user);
        var status = new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. rules.Select(static rule => new JsonObject
            {
                ["verbs"] = ToArray(rule.Verbs),
                ["apiGroups"] = ToArray(rule.ApiGroups),
                ["resources"] = ToArray(rule.Resources),
            })]),
            ["nonResourceRules"] = new JsonArray([.. paths.Select(static path => new JsonObject
            {
                ["verbs"] = ToArray(path.Verbs),
                ["nonResourceURLs"] = ToArray(path.Paths),
            })]),
            ["incomplete"] = !isWhole,
        };
        if (!isWhole)
        {
            status["evaluationError"] = "authorizers judge requests and do not tell their rules";
        }

        return status;
    }

    private static JsonObject Describe(UserInfo user)
    {
        var described = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0)
        {
            described["uid"] = user.Uid;
        }

        described["groups"] = ToArray(user.Groups);
        if (user.Extra.Count > 0)
        {
            described["extra"] = new JsonObject(user.Extra.Select(static extra => KeyValuePair.Create(extra.Key, (JsonNode?)ToArray(extra.Value))));
        }

        return described;
    }

    private static JsonArray ToArray(IEnumerable<string> texts) => new([.. texts.Select(static text => JsonValue.Create(text))]);
}
