namespace Modular.ApiMachinery.Tests;

public sealed class ApiStatusTests
{
    [Fact]
    public void OneWrongFieldIsOneSentence()
    {
        var errors = new FieldErrors();
        errors.Invalid("spec.replicas", -1, "must be greater than or equal to 0");

        var status = errors.ToStatus(new GroupVersionKind("apps", "v1", "Deployment"), "web");

        Assert.Equal("Deployment.apps \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0", status.Message);
        Assert.Equal(
            """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Deployment.apps \u0022web\u0022 is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0","reason":"Invalid","details":{"name":"web","group":"apps","kind":"Deployment","causes":[{"reason":"FieldValueInvalid","message":"Invalid value: -1: must be greater than or equal to 0","field":"spec.replicas"}]},"code":422}
            """.Trim(),
            status.ToJson().ToJsonString());
    }

    [Fact]
    public void SeveralWrongFieldsStandInBrackets()
    {
        var errors = new FieldErrors();
        errors.Required("spec.a");
        errors.NotSupported("spec.b", "x", ["z", "y"]);

        Assert.Equal(
            "Pod \"web\" is invalid: [spec.a: Required value, spec.b: Unsupported value: \"x\": supported values: \"y\", \"z\"]",
            errors.ToStatus(new GroupVersionKind("", "v1", "Pod"), "web").Message);
    }

    [Theory]
    [InlineData(StatusReason.BadRequest, 400)]
    [InlineData(StatusReason.NotFound, 404)]
    [InlineData(StatusReason.Conflict, 409)]
    [InlineData(StatusReason.AlreadyExists, 409)]
    [InlineData(StatusReason.Expired, 410)]
    [InlineData(StatusReason.Invalid, 422)]
    [InlineData(StatusReason.InternalError, 500)]
    public void ReasonsHaveCodes(StatusReason reason, int code) => Assert.Equal(code, new ApiException(reason, "x").Status.Code);

    [Fact]
    public void AnExpiredListCarriesItsToken()
    {
        var json = new ApiStatus(StatusReason.Expired, "too old") { Continue = "token", RetryAfterSeconds = 1 }.ToJson();

        Assert.Equal("token", json.GetString("metadata.continue"));
        Assert.Equal(1, json.GetInt64("details.retryAfterSeconds"));
    }

    [Fact]
    public void TellsOnlySoManyErrors()
    {
        var errors = new FieldErrors();
        for (var i = 0; i < 100; i++)
        {
            errors.Required($"spec.list[{i}]");
        }

        Assert.False(errors.IsFull);
        errors.AddRange([new StatusCause("FieldValueInvalid", "no", "spec.a"), new StatusCause("FieldValueInvalid", "no", "spec.b")]);

        Assert.True(errors.IsFull);
        Assert.Equal(100, errors.Causes.Count);
        Assert.EndsWith("spec.list[99]: Required value, and more errors]", errors.ToStatus(new GroupVersionKind("", "v1", "Pod"), "a").Message, StringComparison.Ordinal);
    }
}
