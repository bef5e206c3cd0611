namespace Modular.ApiMachinery.Tests;

public sealed class ObjectMetaValidatorTests
{
    [Theory]
    [InlineData("""{"name":"web","namespace":"default","labels":{"app":"web"},"annotations":{"Example.com/Note":"any text"},"finalizers":["example.com/x"]}""")]
    [InlineData("""{"name":"web","namespace":"default","generateName":"web-","ownerReferences":[{"apiVersion":"v1","kind":"K","name":"n","uid":"u","controller":true}]}""")]
    public void AcceptsWhatIsRight(string metadata) => Assert.Empty(Validate(metadata));

    [Theory]
    [InlineData("""{"namespace":"default"}""", "metadata.name: Required value: name or generateName is required")]
    [InlineData("""{"name":"Web","namespace":"default"}""", "metadata.name: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must")]
    [InlineData("""{"name":"a-1","generateName":"Abc-","namespace":"default"}""", "metadata.generateName: Invalid value: \"Abc-\": a lowercase")]
    [InlineData("""{"name":"web"}""", "metadata.namespace: Required value")]
    [InlineData("""{"name":"web","namespace":"a.b"}""", "metadata.namespace: Invalid value: \"a.b\": a lowercase RFC 1123 label")]
    [InlineData("""{"name":"web","namespace":"d","labels":{"a b":"c"}}""", "metadata.labels: Invalid value: \"a b\": name part must")]
    [InlineData("""{"name":"web","namespace":"d","labels":{"a":"b c"}}""", "metadata.labels: Invalid value: \"b c\": a valid label")]
    [InlineData("""{"name":"web","namespace":"d","annotations":{"/x":""}}""", "metadata.annotations: Invalid value: \"/x\": prefix part must be non-empty")]
    [InlineData("""{"name":"web","namespace":"d","finalizers":["a/b/c"]}""", "metadata.finalizers: Invalid value: \"a/b/c\": a qualified name")]
    [InlineData("""{"name":"web","namespace":"d","finalizers":["orphan","foregroundDeletion"]}""",
        "metadata.finalizers: Invalid value: [\"orphan\",\"foregroundDeletion\"]: finalizer orphan and foregroundDeletion cannot be both set")]
    [InlineData("""{"name":"web","namespace":"d","ownerReferences":[{"apiVersion":"v1","kind":"K","name":"n"}]}""",
        "metadata.ownerReferences[0].uid: Invalid value: \"\": uid must not be empty")]
    public void SaysWhatIsWrong(string metadata, string expected) =>
        Assert.StartsWith(expected, Assert.Single(Validate(metadata)), StringComparison.Ordinal);

    [Fact]
    public void OnlyOneOwnerControls()
    {
        var message = Assert.Single(Validate("""
            {"name":"web","namespace":"d","ownerReferences":[
              {"apiVersion":"v1","kind":"A","name":"a","uid":"1","controller":true},{"apiVersion":"v1","kind":"B","name":"b","uid":"2","controller":true}]}
            """));

        Assert.EndsWith("Only one reference can have Controller set to true. Found \"true\" in references for A/a and B/b", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ClusterScopedObjectsHaveNoNamespace() =>
        Assert.Equal("metadata.namespace: Forbidden: not allowed on this type", Assert.Single(Validate("""{"name":"n","namespace":"d"}""", namespaced: false)));

    [Fact]
    public void AnnotationsAreLimited()
    {
        var fits = new string('x', ObjectMetaValidator.AnnotationsLimit - 1);

        Assert.Empty(Validate($$"""{"name":"web","namespace":"d","annotations":{"a":"{{fits}}"} }"""));
        Assert.Equal("metadata.annotations: Too long: may not be more than 262144 bytes",
            Assert.Single(Validate($$"""{"name":"web","namespace":"d","annotations":{"a":"{{fits}}x"} }""")));
    }

    [Theory]
    [InlineData("""{"name":"a","uid":"1"}""", """{"name":"a","uid":"1","labels":{"x":"y"}}""", "")]
    [InlineData("""{"name":"a","uid":"1"}""", """{"name":"a","uid":"2"}""", "metadata.uid: Invalid value: \"2\": field is immutable")]
    [InlineData("""{"name":"a"}""", """{"name":"b"}""", "metadata.name: Invalid value: \"b\": field is immutable")]
    [InlineData("""{"finalizers":["a/b"]}""", """{"finalizers":["a/b","c/d"]}""", "")]
    [InlineData("""{"deletionTimestamp":"t","finalizers":["a/b"]}""", """{"deletionTimestamp":"t"}""", "")]
    [InlineData("""{"deletionTimestamp":"t","finalizers":["a/b"]}""", """{"deletionTimestamp":"t","finalizers":["a/b","c/d"]}""",
        "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"c/d\"}")]
    public void UpdatesKeepIdentity(string before, string after, string expected)
    {
        var errors = new FieldErrors();

        ObjectMetaValidator.ValidateUpdate(
            SchemaFixture.Parse($$"""{"metadata":{{after}}}"""), SchemaFixture.Parse($$"""{"metadata":{{before}}}"""), errors);

        Assert.Equal(expected, string.Join(", ", errors.Causes.Select(c => $"{c.Field}: {c.Message}")));
    }

    private static List<string> Validate(string metadata, bool namespaced = true)
    {
        var errors = new FieldErrors();
        ObjectMetaValidator.Validate(SchemaFixture.Parse($$"""{"metadata":{{metadata}}}"""), namespaced, NameRules.Dns1123Subdomain, errors);
        return [.. errors.Causes.Select(c => $"{c.Field}: {c.Message}")];
    }
}
